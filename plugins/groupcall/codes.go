package groupcall

// Codes of errors besides those of package plugins.
const (
	CodeUnknownGroup = "unknown_group"         // no source has the group
	CodeEmptyGroup   = "empty_group"           // nobody is in the group
	CodeNobody       = "nobody_to_call"        // everybody is excluded, or in the conference already
	CodeTooLarge     = "too_many_destinations" // more than group_size
	CodeDestination  = "invalid_destination"   // what is no number and no channel
	CodeSource       = "group_source_failed"   // a file or database did not answer, or its query is wrong
	CodeLoop         = "loop"                  // the call would call itself
	CodeUnknownJob   = "unknown_job"           // there is no such group call, or it is somebody else's
)
