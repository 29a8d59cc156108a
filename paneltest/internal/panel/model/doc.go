// Package model is what the Panel holds: a [State] with tables of rows that point
// at each other, and what follows from the rows alone. It has no lock of its own.
package model
