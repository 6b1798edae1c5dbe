import { expect } from 'chai'
import { memoryChannelPair, type MemoryChannel } from '../../lib/wire/memory-channel.js'
import { Dispatcher } from '../../spaces/dispatcher.js'

/** A space whose host has not said anything yet, and the code that it ends with. */
function begin() {
  const [host, space] = memoryChannelPair()
  const complaints: string[] = []
  const exited = new Promise<number>((exit) => {
    new Dispatcher(space, {
      ...{ exit, complain: (text) => void complaints.push(text), memory: () => 1 },
      arrivals: { listen: () => undefined }
    })
  })
  return { host, complaints, exited }
}

const write = (host: MemoryChannel, bytes: number[]): void => void host.write(Uint8Array.from(bytes))

describe('The program in a space', () => {
  it('ends by itself at the end of its pipe, without anybody who ends it', async () => {
    const { host, complaints, exited } = begin()
    host.close()
    expect(await exited).to.equal(0)
    expect(complaints).to.deep.equal([])
  })

  it('complains, and ends as a failure, when what arrives is no message', async () => {
    const { host, complaints, exited } = begin()
    write(host, [255, 255, 255, 255, 255])
    expect(await exited).to.equal(1)
    expect(complaints).to.have.length(1)
  })
})
