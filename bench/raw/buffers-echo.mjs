import { Socket } from 'node:net'
import { echo } from '../work/work.cjs'
import { readBuffers, writeBuffer } from './lengths.mjs'
import { PIPE } from './pipe.mjs'

const reuse = Number(process.argv[2])
const socket = new Socket({
  fd: PIPE,
  onread: readBuffers(reuse, (bytes) => writeBuffer(socket, echo(bytes)))
})
