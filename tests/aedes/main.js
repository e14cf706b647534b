// aedes as a broker whose sessions and messages lie in LevelDB: node main.js PORT FOLDER
import { createServer } from 'node:net'

import { Aedes } from 'aedes'
import persistence from 'aedes-persistence-level'
import { Level } from 'level'

const [port, folder] = process.argv.slice(2)
const broker = await Aedes.createBroker({ persistence: persistence(new Level(folder)) })
const server = createServer(broker.handle)
server.listen(Number(port), '127.0.0.1')
process.on('SIGTERM', () => {
  broker.close(() => process.exit(0))
  server.close()
})
