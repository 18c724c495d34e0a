package load

import "encoding/binary"

// parseNumbers reads the two numbers of a mark at the start of b. ok is false when they are cut off or none.
// This runs once a delivery, so it reads eight digits at a time.
func parseNumbers(b []byte) (sequence uint64, due int64, ok bool) {
	if len(b) < numbersBytes {
		return 0, 0, false
	}
	sequence, ok = sixteenDigits(b[:digits])
	if !ok || b[digits] != ' ' {
		return 0, 0, false
	}
	at, ok := sixteenDigits(b[digits+1 : numbersBytes])
	return sequence, int64(at), ok
}

func sixteenDigits(b []byte) (uint64, bool) {
	high, low := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
	if !eightAreDigits(high) || !eightAreDigits(low) {
		return 0, false
	}
	return eightDigits(high)*100_000_000 + eightDigits(low), true
}

// eightAreDigits says whether all eight bytes of v are '0' to '9': the high half of each must be
// 3, and stay 3 when 6 is added.
func eightAreDigits(v uint64) bool {
	const high, threes, six = 0xF0F0F0F0F0F0F0F0, 0x3030303030303030, 0x0606060606060606
	return v&high == threes && (v+six)&high == threes
}

// eightDigits folds eight ASCII digits, the first in the lowest byte, into their number: pairs,
// then fours, then all, with a multiplication each.
func eightDigits(v uint64) uint64 {
	v -= 0x3030303030303030
	v = v*10 + v>>8
	const pairs = 0x000000FF000000FF
	return ((v&pairs)*(100+1_000_000<<32) + (v>>16&pairs)*(1+10_000<<32)) >> 32
}
