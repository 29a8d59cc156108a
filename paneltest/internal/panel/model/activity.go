package model

import "time"

// Activity is a line of the activity log.
type Activity struct {
	ID         int
	Event      string
	Actor      *User // nil for the system
	IsAPI      bool
	IP         string
	Server     *Server // what it is about: a server
	Account    *User   // or an account
	Properties []Property
	At         time.Time
}

// Property keeps properties in the order in which they were noted.
type Property struct {
	Key   string
	Value any
}

// With makes a property.
func With(key string, value any) Property { return Property{key, value} }
