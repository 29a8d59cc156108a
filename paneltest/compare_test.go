package paneltest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// differences are those between two answers.
type differences []string

func (f *differences) add(format string, args ...any) { *f = append(*f, fmt.Sprintf(format, args...)) }

// sentHeaders are those that must be there, or not, as they were.
var sentHeaders = []string{"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Retry-After", "Location"}

func (f *differences) compareHeads(status int, header http.Header, answer reply) {
	if answer.status != status {
		f.add("the status is %d, recorded is %d", answer.status, status)
	}
	for _, name := range sentHeaders {
		if (header.Get(name) == "") != (answer.header.Get(name) == "") {
			f.add("header %s is %q, recorded is %q", name, answer.header.Get(name), header.Get(name))
		}
	}
	if ours, theirs := answer.header.Get("Content-Type"), header.Get("Content-Type"); !strings.EqualFold(ours, theirs) {
		f.add("header Content-Type is %q, recorded is %q", ours, theirs)
	}
	if ours, theirs := answer.header.Get("X-RateLimit-Limit"), header.Get("X-RateLimit-Limit"); ours != theirs {
		f.add("the limit is %q, recorded is %q", ours, theirs)
	}
}

func (f *differences) compareBodies(d *differential, recorded, ours []byte) {
	var a, b any
	if err := json.Unmarshal(recorded, &a); err != nil {
		f.add("%v", err)
		return
	}
	if err := json.Unmarshal(ours, &b); err != nil {
		f.add("the body is no JSON: %.200q", ours)
		return
	}
	f.compare(d, "", a, b)
	if ours, theirs := imageLabels(ours), imageLabels(recorded); !slices.Equal(ours, theirs) {
		f.add("the images are %q, recorded are %q", ours, theirs)
	}
}

var (
	imagesOfAnEgg = regexp.MustCompile(`"docker_images":\s*\{([^}]*)\}`)
	labelOfImage  = regexp.MustCompile(`"([^"]*)":\s*"`)
)

// imageLabels returns the labels of images, in their order.
func imageLabels(body []byte) []string {
	var labels []string
	for _, images := range imagesOfAnEgg.FindAllSubmatch(body, -1) {
		for _, label := range labelOfImage.FindAllSubmatch(images[1], -1) {
			labels = append(labels, strings.ReplaceAll(string(label[1]), `\/`, "/"))
		}
	}
	return labels
}

func (f *differences) compare(d *differential, at string, recorded, ours any) {
	switch recorded := recorded.(type) {
	case map[string]any:
		ours, same := ours.(map[string]any)
		if !same {
			break
		}
		for _, key := range slices.Sorted(maps.Keys(recorded)) {
			if _, there := ours[key]; !there {
				f.add("%s.%s is missing", at, key)
				continue
			}
			f.compare(d, at+"."+key, recorded[key], ours[key])
		}
		for _, key := range slices.Sorted(maps.Keys(ours)) {
			if _, there := recorded[key]; !there {
				f.add("%s.%s is not recorded: %v", at, key, ours[key])
			}
		}
		return
	case []any:
		ours, same := ours.([]any)
		if !same {
			break
		}
		if len(ours) != len(recorded) {
			f.add("%s has %d entries, recorded are %d", at, len(ours), len(recorded))
			return
		}
		for i := range recorded {
			f.compare(d, at+"["+strconv.Itoa(i)+"]", recorded[i], ours[i])
		}
		return
	case string:
		if ours, same := ours.(string); same {
			f.compareTexts(d, at, recorded, ours)
			return
		}
	case float64:
		if ours, same := ours.(float64); same {
			if ours != recorded && !madeUpNumbers.MatchString(at) {
				f.add("%s is %v, recorded is %v", at, ours, recorded)
			}
			return
		}
	case bool:
		if ours, same := ours.(bool); same {
			if ours != recorded {
				f.add("%s is %v, recorded is %v", at, ours, recorded)
			}
			return
		}
	case nil:
		if ours == nil {
			return
		}
	}
	f.add("%s is %v, recorded is %v", at, ours, recorded)
}

var (
	// madeUpNumbers measure something, or name a port of this machine.
	madeUpNumbers = regexp.MustCompile(`\.(memory_bytes|disk_bytes|cpu_absolute|uptime|network_[rt]x_bytes|bytes|size|daemon_listen|daemon_sftp|daemon_connect|sftp_details\.port|sftp\.bind_port)$|^\.api\.port$|` +
		`^\.attributes\.allocation$`)

	// madeUpTexts are left to chance.
	madeUpTexts = regexp.MustCompile(`\.(token|token_id|secret|secret_token|identifier|password|tokens\[\d+\]|checksum|fqdn)$|^\.data\.socket$|^\.remote$|sftp_details\.ip$|image_url_data$|attributes\.url$|` +
		`\.attributes\.id$|^\.api\.ssl\.(cert|key)$|\.properties\.fingerprint$`)

	// madeUpNames are those of accounts and databases that the Panel chose.
	madeUpNames = regexp.MustCompile(`^(?:(u\d+_).+|((?:sub|fresh)\w+)\w{3})$`)

	// longIDs are made of UUIDs.
	longIDs = regexp.MustCompile(`^(serv|user)_[a-z2-7]{26}$`)

	// scrubbed texts were replaced in the recordings.
	scrubbed = []string{"A description.", "A permission."}

	uuids     = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	times     = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:?\d\d:?\d\d`)
	addresses = regexp.MustCompile(`(http|ws)://[a-z0-9.:]+`)
	hashes    = regexp.MustCompile(`[0-9a-f]{40}|avatar/[0-9a-f]{32}`)
	slugs     = regexp.MustCompile(`^[a-z0-9]+$`)
)

// plain takes out of a text what is made up.
func plain(text string) string {
	text = uuids.ReplaceAllString(text, "<uuid>")
	text = times.ReplaceAllString(text, "<time>")
	text = addresses.ReplaceAllString(text, "<address>")
	return hashes.ReplaceAllString(text, "<hash>")
}

func (f *differences) compareTexts(d *differential, at, recorded, ours string) {
	if recorded == ours || slices.Contains(scrubbed, recorded) {
		return
	}
	if strings.HasSuffix(at, ".data.secret") {
		d.secret = ours
	}
	chance := madeUpTexts.MatchString(at) || longIDs.MatchString(recorded) && longIDs.MatchString(ours)
	if made := madeUpNames.FindStringSubmatch(recorded); made != nil {
		name := madeUpNames.FindStringSubmatch(ours)
		chance = chance || name != nil && slices.Equal(made[1:], name[1:])
	}
	switch same := plain(recorded) == plain(ours); {
	case d.learned[recorded] == ours:
	case same, chance:
		d.learn(recorded, ours)
	default:
		f.add("%s is %q, recorded is %q", at, ours, recorded)
	}
}

// learn remembers what stands for something that a Panel made up.
func (d *differential) learn(recorded, ours string) {
	switch {
	case uuids.FindString(recorded) == recorded && uuids.FindString(ours) == ours:
		d.learned[recorded] = ours
		d.learned[recorded[:8]] = ours[:8]
	case strings.HasPrefix(recorded, "ptlc_"), strings.HasPrefix(recorded, "pacc_"), strings.HasPrefix(recorded, "archive-"):
		d.learned[recorded] = ours
	case len(recorded) == 8 && len(ours) == 8 && !slugs.MatchString(recorded): // a hash id
		d.learned[recorded] = ours
	}
}
