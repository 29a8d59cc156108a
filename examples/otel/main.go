// Command otel traces the calls of the SDK with OpenTelemetry and counts them
// by operation and status. It prints what it traced. With PTERODACTYL_URL and
// PTERODACTYL_KEY set it talks to that Panel, otherwise to an embedded one.
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/ptero-go/ptero/client"
	"github.com/ptero-go/ptero/paneltest"
)

func main() {
	if err := run(context.Background(), os.Stdout, os.Getenv("PTERODACTYL_URL"), os.Getenv("PTERODACTYL_KEY")); err != nil {
		fmt.Fprintln(os.Stderr, "otel:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, panelURL, key string) error {
	if panelURL == "" {
		panel, err := paneltest.New()
		if err != nil {
			return err
		}
		defer panel.Close()
		panelURL, key = panel.URL, panel.UserKey
	}
	exporter, err := stdouttrace.New(stdouttrace.WithWriter(out), stdouttrace.WithPrettyPrint(), stdouttrace.WithoutTimestamps())
	if err != nil {
		return err
	}
	traces := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	reader := sdkmetric.NewManualReader()
	meters := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	counter, err := meters.Meter("pterodactyl").Int64Counter("pterodactyl.requests")
	if err != nil {
		return err
	}

	c, err := client.New(panelURL, key, client.WithMiddleware(observe(traces.Tracer("pterodactyl"), counter)))
	if err != nil {
		return err
	}
	if _, err := c.Account.Get(ctx); err != nil {
		return err
	}
	if _, err := c.Servers.List(ctx, client.ServerListOptions{}); err != nil {
		return err
	}

	var metrics metricdata.ResourceMetrics
	if err := reader.Collect(ctx, &metrics); err != nil {
		return err
	}
	for _, scope := range metrics.ScopeMetrics {
		for _, m := range scope.Metrics {
			if sum, ok := m.Data.(metricdata.Sum[int64]); ok {
				for _, point := range sum.DataPoints {
					fmt.Fprintln(out, m.Name, point.Attributes.Encoded(attribute.DefaultEncoder()), point.Value)
				}
			}
		}
	}
	return traces.Shutdown(ctx)
}

// observe makes a span of each attempt and counts it. The labels are the
// operation and the path's template, so there are few of them.
func observe(tracer trace.Tracer, counter metric.Int64Counter) client.Middleware {
	return func(next client.Sender) client.Sender {
		return func(req *http.Request, call client.Call) (*http.Response, error) {
			ctx, span := tracer.Start(req.Context(), call.Operation, trace.WithSpanKind(trace.SpanKindClient),
				trace.WithAttributes(
					attribute.String("http.request.method", call.Method),
					attribute.String("url.template", call.Path),
					attribute.Int("http.request.resend_count", call.Attempt-1),
				))
			defer span.End()
			resp, err := next(req.WithContext(ctx), call)
			status := "none"
			if err != nil {
				// The error's text may hold an address, so it stays out.
				span.SetStatus(codes.Error, "no answer")
			} else {
				status = strconv.Itoa(resp.StatusCode)
				span.SetAttributes(attribute.Int("http.response.status_code", resp.StatusCode))
				if resp.StatusCode >= http.StatusBadRequest {
					span.SetStatus(codes.Error, "")
				}
			}
			counter.Add(ctx, 1, metric.WithAttributes(
				attribute.String("operation", call.Operation), attribute.String("status", status)))
			return resp, err
		}
	}
}
