package migrate

// OptionNames are the keys that astmanproxy.conf may have, but for host.
var OptionNames = optionNames
