import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { isOwnPeer, usersOfPorts } from './peer-user.ts'

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 11 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 12 1 0 20 4 30 10 -1
   2: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1001        0 13 1 0 20 4 30 10 -1
`

test('the table names the user of the asking end, not of the server', () => {
  expect(usersOfPorts(TABLE, 0xc350, 0x1f90)).toEqual([1001])
  expect(usersOfPorts(TABLE, 0xc351, 0x1f90)).toEqual([])
  expect(usersOfPorts('', 1, 2)).toEqual([])
})

test.each(['127.0.0.1', '::1'])('a connection of our own over %s is known', async host => {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, host)
  const [accepted] = (await once(server, 'connection')) as [Socket]
  expect(await isOwnPeer(accepted)).toBe(true)
  client.destroy()
  server.close()
})

test('what is no connection is nobody of ours', async () => {
  expect(await isOwnPeer(new PassThrough())).toBe(false)
})
