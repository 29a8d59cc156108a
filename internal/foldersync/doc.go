// Package foldersync compares two folders, plans what has to be done to make one
// match the other, and packs and unpacks the archives that carry many small
// files at once. It knows nothing of a Panel: package client does the transfers.
package foldersync
