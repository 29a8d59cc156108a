// Package docs holds the tests of what people read: that all Go in the README and
// in the guides compiles, that the programs do what the guides say, and that links
// and names lead somewhere. The site is built by docs/site.
package docs
