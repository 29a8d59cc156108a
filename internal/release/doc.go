// Package release holds the tests of what a release promises: that the exported
// API and the contract are as noted in api/*.txt, and that the modules can be had
// from outside of the repository. RELEASING.md has the steps.
package release
