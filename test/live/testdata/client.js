// A WebSocket client by the library ws: node client.js URL USER SECRET SCENARIO. It tells what happens, a
// line of JSON each.
'use strict'

const WebSocket = require('ws')

const [url, user, secret, scenario] = process.argv.slice(2)
const tell = (what) => console.log(JSON.stringify(what))

function connect(since) {
  const address = since ? `${url}?since=${since}` : url
  const socket = new WebSocket(address, ['ami.json'], {
    headers: { Authorization: 'Basic ' + Buffer.from(`${user}:${secret}`).toString('base64') },
  })
  socket.on('error', (error) => tell({ error: error.message }))
  return socket
}

// Places a call and tells how its channel comes and goes, then how it logs off.
function call() {
  const socket = connect()
  let channel
  socket.on('open', () => tell({ protocol: socket.protocol }))
  socket.on('close', (code, reason) => tell({ closed: code, reason: reason.toString() }))
  socket.on('message', (data, binary) => {
    if (binary) tell({ error: 'a binary message' })
    const m = JSON.parse(data)
    if (m.Event === 'ProxyPosition' && !channel) {
      socket.send(JSON.stringify({
        Action: 'Originate', ActionID: 'call', Async: true,
        Channel: 'Local/1001@default', Context: 'default', Exten: 'load', Priority: 1,
      }))
    } else if (m.Response && !m.Event && m.ActionID === 'call') {
      tell({ response: m.Response })
    } else if (m.Event === 'Newchannel' && !channel) {
      channel = m.Uniqueid
      tell({ event: m.Event })
    } else if (m.Event === 'Hangup' && m.Uniqueid === channel) {
      tell({ event: m.Event })
      socket.send(JSON.stringify({ Action: 'Logoff' }))
    }
  })
}

// Counts events up to one that says it is the last, and cuts its connection off again and again.
function count() {
  let last = ''
  let seen = 0
  let told = false
  const again = () => {
    const socket = connect(last)
    let left = 50 + Math.floor(Math.random() * 500)
    socket.on('close', () => { if (!told) again() })
    socket.on('message', (data) => {
      const m = JSON.parse(data)
      if (left <= 0 || told) return // it is cut off, and this is lost
      if (m.ProxySequence) last = m.ProxySequence
      if (m.Event === 'ProxyPosition' && seen === 0) tell({ ready: true })
      if (m.Event === 'ProxyGap') tell({ error: 'a gap' })
      if (m.Event !== 'UserEvent') return
      if (m.Number !== String(seen)) tell({ error: `number ${m.Number} and not ${seen}` })
      seen++
      if (m.UserEvent === 'Last') {
        told = true
        tell({ seen })
        socket.terminate()
      } else if (--left === 0) {
        socket.terminate()
      }
    })
  }
  again()
}

const scenarios = { call, count }
scenarios[scenario]()
