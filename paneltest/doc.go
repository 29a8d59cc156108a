// Package paneltest serves the Panel's API inside a test or a demo, as
// net/http/httptest serves HTTP.
//
// A [Replay] answers from recorded exchanges with a real Panel: what it knows
// it knows exactly, and it says clearly what it has no recording for.
package paneltest
