module github.com/ptero-go/ptero/limit/redislimit

go 1.25.0

require (
	github.com/ptero-go/ptero v0.1.0
	github.com/redis/go-redis/v9 v9.22.0
)

require (
	github.com/apapsch/go-jsonmerge/v2 v2.0.0 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/coder/websocket v1.8.15 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/oapi-codegen/runtime v1.8.0 // indirect
	go.uber.org/atomic v1.11.0 // indirect
	golang.org/x/sys v0.39.0 // indirect
)

replace github.com/ptero-go/ptero => ../..
