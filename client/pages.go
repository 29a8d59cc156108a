package client

import "github.com/ptero-go/ptero/internal/rest"

// Page is one page of a list. Its fields are Items, and those that tell where
// in the whole list it stands: Total, Count, PerPage, CurrentPage and
// TotalPages.
type Page[T any] = rest.Page[T]
