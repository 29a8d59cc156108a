package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"time"

	"github.com/ptero-go/ptero/envelope"
	"github.com/ptero-go/ptero/gen/applicationapi"
	"github.com/ptero-go/ptero/gen/clientapi"
)

// raw is what one writes by hand for one Panel: net/http and encoding/json, with
// a timeout and a look at the status, and no more. It does not retry, space out
// its requests, or tell a proxy's page from an answer.
type raw struct {
	http     *http.Client
	url, key string
}

func newRaw(url, key string) *raw {
	return &raw{&http.Client{Timeout: time.Minute}, url, key}
}

// get decodes an answer into v, whose types are those of the SDK.
func (r *raw) get(ctx context.Context, path string, v any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url+path, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+r.key)
	req.Header.Set("Accept", "application/json")
	resp, err := r.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", path, resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(v)
}

func (r *raw) server(ctx context.Context, id string) (*clientapi.Server, error) {
	var item envelope.ItemWith[clientapi.Server, clientapi.ServerMeta]
	err := r.get(ctx, "/api/client/servers/"+id, &item)
	return item.Attributes, err
}

func (r *raw) page(ctx context.Context, page int) (*envelope.List[applicationapi.Server], error) {
	list := new(envelope.List[applicationapi.Server])
	return list, r.get(ctx, fmt.Sprintf("/api/application/servers?per_page=%d&page=%d", serversOfPage, page), list)
}

func (r *raw) signed(ctx context.Context, operation string) (string, error) {
	var item envelope.Item[clientapi.SignedURL]
	if err := r.get(ctx, "/api/client/servers/3d2f6345/files/"+operation, &item); err != nil {
		return "", err
	}
	return item.Attributes.URL, nil
}

func (r *raw) download(ctx context.Context, to io.Writer) (int64, error) {
	url, err := r.signed(ctx, "download?file=world.tar")
	if err != nil {
		return 0, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	resp, err := r.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("download: %s", resp.Status)
	}
	return io.Copy(to, resp.Body)
}

func (r *raw) upload(ctx context.Context, name string, content io.Reader, size int64) error {
	url, err := r.signed(ctx, "upload")
	if err != nil {
		return err
	}
	var markup bytes.Buffer
	form := multipart.NewWriter(&markup)
	if _, err := form.CreateFormFile("files", name); err != nil {
		return err
	}
	head := markup.Len()
	if err := form.Close(); err != nil {
		return err
	}
	body := io.MultiReader(bytes.NewReader(markup.Bytes()[:head]), content, bytes.NewReader(markup.Bytes()[head:]))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, body)
	if err != nil {
		return err
	}
	req.ContentLength = int64(markup.Len()) + size
	req.Header.Set("Content-Type", form.FormDataContentType())
	resp, err := r.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("upload: %s", resp.Status)
	}
	return nil
}
