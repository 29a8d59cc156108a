// Package envelope holds the conventions of the Panel's JSON as Go types: the
// envelopes around items and lists, the pages of a list, the body of an error,
// and the types that survive what PHP makes of maps, lists and numbers.
//
// Every answer of the Panel wraps its content. An [Item] holds one thing, a
// [List] holds items, [ItemWith] and [ListWith] add metadata. A relation that
// the key may not see, or that does not exist, comes as a null resource: its
// item has nil Attributes, its list has no Data.
//
// The generated packages gen/clientapi and gen/applicationapi use these types;
// a program that uses package client rarely meets them. The package imports the
// standard library alone.
package envelope
