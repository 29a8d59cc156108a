package console

// What the tests of the console's behaviour share with those of its parts.

type RecordedFrame = recordedFrame

var RecordedFrames = recordedFrames

// Decode reads one message.
func Decode(message []byte) Event {
	var d decoder
	return d.decode(message)
}
