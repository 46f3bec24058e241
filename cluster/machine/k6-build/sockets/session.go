package sockets

import (
	"crypto/tls"
	"sync"
)

// session is what TLS remembers of an owner's last socket. Whatever address that went to: outside,
// all edges of a service are one name. Whether the certificate names the address is looked at again.
type session struct {
	lock  sync.Mutex
	state *tls.ClientSessionState
}

// Get is for a handshake.
func (s *session) Get(string) (*tls.ClientSessionState, bool) {
	s.lock.Lock()
	defer s.lock.Unlock()
	return s.state, s.state != nil
}

// Put is for a ticket that came; nil: what was kept is of no use any more.
func (s *session) Put(_ string, state *tls.ClientSessionState) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.state = state
}
