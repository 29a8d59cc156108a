package wings

// Observer hears of what happens on a node, in the order in which it happens. Its
// methods are called with locks held, so they must neither wait nor call the
// daemon.
type Observer interface {
	// Printed hears of a line of a server's console, those of Wings included.
	Printed(server, line string)

	// Typed hears of a command that the game gets.
	Typed(server, command string)

	// Changed hears of another power state.
	Changed(server string)

	// Deleted hears of the end of a server.
	Deleted(server string)
}

// nobody is an Observer that does nothing.
type nobody struct{}

// Printed implements [Observer].
func (nobody) Printed(_, _ string) {}

// Typed implements [Observer].
func (nobody) Typed(_, _ string) {}

// Changed implements [Observer].
func (nobody) Changed(string) {}

// Deleted implements [Observer].
func (nobody) Deleted(string) {}
