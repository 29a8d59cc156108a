package paneltest_test

const serverPelican = "284d7a43"

// stepsPelican are what happened between the recordings of Pelican. One in four
// requests is not among them; what follows from those is done here.
var stepsPelican = []step{}
