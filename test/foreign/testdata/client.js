// Drives asterisk-manager: actions come as JSON on stdin, one a line, what the library reports goes
// to stdout, one fact a line.
//
// usage: client.js HOST PORT USERNAME SECRET
'use strict';

// The library waits 10 s and more before it connects again; a hundredth of it does here.
const wait = setTimeout;
globalThis.setTimeout = (f, milliseconds, ...more) => wait(f, milliseconds / 100, ...more);

const readline = require('readline');
const Manager = require('asterisk-manager');

const tell = (fact, ...messages) => console.log(JSON.stringify({ fact, messages }));

const [host, port, username, secret] = process.argv.slice(2);
const manager = new Manager(port, host, username, secret, true);
manager.keepConnected();

// The library reports no login by itself: it is what the first response on a connection answers.
manager.on('connect', () => manager.once('response', (response) => {
  if (response.response === 'Success') tell('login');
  else tell('refused', response);
}));
manager.on('managerevent', (event) => tell('event', event));
manager.on('close', () => tell('closed'));

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const { ActionID: actionid, ...action } = JSON.parse(line); // the name the library looks for
  manager.action({ actionid, ...action }, (error, response) => tell('answer', error || response));
}).on('close', () => process.exit());
