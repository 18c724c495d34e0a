// Package legs is a group call as a pure structure: which legs it has, in which state each is by the events that
// Asterisk has sent, and what is to be done next. It has no goroutines, no clock and no connection: a Call is told of everything
// that happens by its methods, all of which take the time and return Effects, and belongs to one goroutine.
//
// # What a leg goes through
//
//	queued → dialing → ringing → answered → joined → left
//	                           ↘ busy, noanswer, congestion, failed, cancelled
//
// A leg is known by the ChannelId that its Originate has, from its first moment, and its OriginateResponse by an ActionID
// that nobody else knows: what others can write into the stream of events changes no leg. A leg that was not answered has ended when both
// its channel is gone and its OriginateResponse is there, in whichever order they come (Asterisk 16 and 22 differ by the case), or
// a while after the first of them.
//
// A Local channel's leg is its ;1 half, which answers when the far end does. When two bridged parties speak, Asterisk takes the
// Local channel between them away (LocalOptimizationBegin); the leg is then followed by the Uniqueid of the channel that the
// ;2 half has called. In a conference the Local channel stays.
//
// # What is not known
//
// When the session with Asterisk is lost, or events were dropped, legs under way are in doubt, and unknown if the session is
// lost. CoreShowChannels tells (Ask, Found): a channel that it has goes on as what it is, one that it has not two times in a row has
// ended. No leg in doubt is dialled again.
package legs
