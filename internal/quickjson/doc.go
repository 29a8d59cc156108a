// Package quickjson decodes the answers of the Panel faster than encoding/json
// alone. It reads a document once, where encoding/json checks it first, checks
// parts again for every type that decodes itself, and makes a new string of each
// name that it has seen a hundred times.
//
// encoding/json remains the judge. Whatever is not plain - a value of another
// kind than its field, a name in another case, a name that comes twice, invalid
// text, an odd number, a type not known here - makes this decoder give up, and
// encoding/json decodes the document from its beginning. So what comes out is
// always what encoding/json gives, and so is every error. A fuzzer holds one
// against the other.
package quickjson
