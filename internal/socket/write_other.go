//go:build !unix

package socket

import "errors"

const supported = false

func write(uintptr, []byte) (int, error) { return 0, errors.ErrUnsupported }
