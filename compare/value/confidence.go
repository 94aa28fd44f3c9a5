package value

// Confidence is how sure a verdict about the past is.
type Confidence string

// The confidences.
const (
	Certain Confidence = "certain" // the evidence leaves nothing else
	Likely  Confidence = "likely"  // the evidence fits this, and something else only by a rare coincidence
	Unsure  Confidence = "unknown" // the evidence does not decide
)
