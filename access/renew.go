package access

import "errors"

// Why somebody who had logged in is nobody any more.
var (
	ErrUserRemoved    = errors.New("the user was removed")
	ErrSecretChanged  = errors.New("the user's secret or certificate was changed")
	ErrTokenWithdrawn = errors.New("the token was withdrawn")
)

// Renewed is who somebody is now who has logged in by an earlier snapshot: the same user with his rights
// of now. Who could not log in again by what he has shown then is nobody: the error says why.
func (u *Users) Renewed(old *User) (*User, error) {
	if old.token != nil {
		t, known := u.byToken[*old.token]
		if !known || t.expired() || t.user.name != old.name {
			return nil, ErrTokenWithdrawn
		}
		return t.user, nil
	}
	user, known := u.byName[nameKey(old.name)]
	switch {
	case !known || user.name != old.name:
		return nil, ErrUserRemoved
	case user != old && (!user.secret().same(old.secret()) || user.certificate != old.certificate):
		return nil, ErrSecretChanged
	}
	return user, nil
}
