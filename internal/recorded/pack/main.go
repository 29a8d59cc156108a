// Command pack packs a folder of recordings into an archive of testdata, and
// unpacks one for a reader or for changes.
//
//	go run ./internal/recorded/pack FOLDER testdata/panel-1.12.zip.gz
//	go run ./internal/recorded/pack -x testdata/panel-1.12.zip.gz FOLDER
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"

	"github.com/ptero-go/ptero/internal/recorded/archive"
)

func main() {
	unpack := flag.Bool("x", false, "unpack ARCHIVE into FOLDER")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: pack FOLDER ARCHIVE\n       pack -x ARCHIVE FOLDER")
	}
	flag.Parse()
	if flag.NArg() != 2 {
		flag.Usage()
		os.Exit(2)
	}
	run := pack
	if *unpack {
		run = unpackTo
	}
	if err := run(flag.Arg(0), flag.Arg(1)); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func pack(folder, to string) error {
	var packed bytes.Buffer
	if err := archive.Pack(os.DirFS(folder), &packed); err != nil {
		return err
	}
	return os.WriteFile(to, packed.Bytes(), 0o600)
}

func unpackTo(from, folder string) error {
	packed, err := os.ReadFile(from) //nolint:gosec // the caller names the archive
	if err != nil {
		return err
	}
	return archive.Unpack(packed, folder)
}
