package access

import "crypto/tls"

// AuthenticateCertificate finds the user of a client certificate: the one whose certificate key is
// its common name. The handshake must have verified it, which a connection that shows none has not.
func (u *Users) AuthenticateCertificate(state tls.ConnectionState) (*User, bool) {
	if len(state.VerifiedChains) == 0 || len(state.PeerCertificates) == 0 {
		return nil, false
	}
	user, known := u.byCert[state.PeerCertificates[0].Subject.CommonName]
	return user, known
}
