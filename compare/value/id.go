package value

// ShortID returns the first 12 characters of an id or a commit, as docker shows them.
func ShortID(id string) string { return id[:min(12, len(id))] }
