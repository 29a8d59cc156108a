package rest

// Update reads a thing, makes of it the request that would keep it as it is,
// lets change work on that, and sends it. The Panel's own updates replace all of
// a thing, and clear what they are not given.
func Update[T, Request, Answer any](change func(*Request),
	read func() (*T, error), keep func(*T) Request, replace func(Request) (Answer, error),
) (Answer, error) {
	var none Answer
	if change == nil {
		return none, &ArgumentError{Argument: "change", Problem: "is nil"}
	}
	found, err := read()
	if err != nil {
		return none, err
	}
	req := keep(found)
	change(&req)
	return replace(req)
}
