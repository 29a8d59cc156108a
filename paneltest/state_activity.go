package paneltest

import "time"

// activity is a line of the activity log.
type activity struct {
	id         int
	event      string
	actor      *user // nil for the system
	isAPI      bool
	ip         string
	server     *server // what it is about: a server
	account    *user   // or an account
	properties []property
	at         time.Time
}

// property keeps properties in the order in which they were noted.
type property struct {
	key   string
	value any
}

// with makes a property.
func with(key string, value any) property { return property{key, value} }
