module github.com/ptero-go/ptero/cmd/panelsim

go 1.25.0

require (
	github.com/coder/websocket v1.8.15
	github.com/ptero-go/ptero v0.1.0
)

require (
	github.com/apapsch/go-jsonmerge/v2 v2.0.0 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/oapi-codegen/runtime v1.8.0 // indirect
)

replace github.com/ptero-go/ptero => ../..
