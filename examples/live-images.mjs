// An image library with a native addon, used as if it were here. If it crashed, this program would live on.

import { SpacePool, release } from 'spacepool'

const pool = new SpacePool()
const sharp = pool.use('sharp') // in a space that starts with the first chain

// One chain is one message there and one back, however many calls it is made of.
const create = { width: 640, height: 480, channels: 3, background: 'teal' }
const png = await sharp({ create }).resize(320).png().toBuffer()
console.log(`A chain of four: ${png.length} bytes of ${(await sharp(png).metadata()).format}`)

// What is awaited and is no plain data stays there, as a reference, until it is released.
const image = await sharp(png).rotate(90)
const sizes = await Promise.all(
  [160, 80, 40].map(async (width) => {
    const { data, info } = await image.clone().resize(width).webp().toBuffer({ resolveWithObject: true })
    return `${info.width} x ${info.height} in ${data.length} bytes`
  })
)
console.log(`Three sizes of one image: ${sizes.join(', ')}`)
release(image)

// The result of one chain may be a parameter of another before it is there: it never leaves the space.
const dot = sharp({ create: { ...create, width: 20, height: 20, background: 'red' } })
  .png()
  .toBuffer()
const marked = await sharp(png)
  .composite([{ input: dot, gravity: 'centre' }])
  .png()
  .toBuffer()
const { channels } = await sharp(marked).stats()
console.log(`Without the dot there is no red, with it up to ${channels[0].max}`)

// An error says at which step of the chain it happened.
try {
  await sharp(Buffer.from('no image at all')).resize(320).png().toBuffer()
} catch (error) {
  const step = error.stack.split('\n').find((line) => line.includes('→'))
  console.log(`${error.message}\n${step}`)
}

await pool.close()
