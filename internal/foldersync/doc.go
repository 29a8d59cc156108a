// Package foldersync compares two folders, says what has to be done to make one
// like the other, and packs and unpacks the archives that carry many small files
// at once. It knows nothing of a Panel: package client does the transfers.
package foldersync
