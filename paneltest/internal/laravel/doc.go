// Package laravel does what the framework of the Panel does, and knows nothing
// of the Panel: it reads requests as PHP does, holds them against rules and
// words what is wrong, filters, sorts and pages lists, finds routes, counts
// requests against limits, and writes answers and errors.
package laravel
