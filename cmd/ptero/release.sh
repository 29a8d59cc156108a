#!/bin/sh
# Builds ptero for the systems that it is released for, with checksums, into
# the folder dist. The version is that of the tag, or the first argument.
set -eu
cd "$(dirname "$0")"

version="${1:-$(git describe --tags --match 'cmd/ptero/v*' --always)}"
version="${version#cmd/ptero/}"
rm -rf dist
mkdir dist
for target in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64; do
	os="${target%/*}" arch="${target#*/}" name=ptero
	[ "$os" != windows ] || name=ptero.exe
	folder="dist/ptero-$version-$os-$arch"
	mkdir "$folder"
	CGO_ENABLED=0 GOOS="$os" GOARCH="$arch" go build -trimpath -ldflags "-s -w -X main.released=$version" -o "$folder/$name" .
	cp README.md ../../LICENSE "$folder"
	if [ "$os" = windows ]; then
		(cd dist && zip -qr "${folder#dist/}.zip" "${folder#dist/}")
	else
		tar -C dist -czf "$folder.tar.gz" "${folder#dist/}"
	fi
	rm -r "$folder"
done
(cd dist && sha256sum ptero-* > SHA256SUMS)
ls -l dist
