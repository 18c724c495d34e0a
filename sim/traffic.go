package sim

// startTraffic begins to place calls; stop ends that and waits for its goroutine.
func (s *Server) startTraffic() (stop func()) { return func() {} }
