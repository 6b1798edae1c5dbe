// A database that lives in a space: statements are prepared once, rows come as they are wanted.

import { SpacePool, release } from 'spacepool'

const pool = new SpacePool()
const Database = pool.use('libsql') // the interface of better-sqlite3

// TypeScript, and Node from 24 on, may write `using database = await new Database(':memory:')` instead of try and finally.
const database = await new Database(':memory:')
try {
  await database.exec('create table readings (id integer primary key, sensor text, value real)')

  // A reference to a statement. All calls of one tick go in one message, in this order.
  const insert = await database.prepare('insert into readings (sensor, value) values (?, ?)')
  const rows = Array.from({ length: 5000 }, (_, index) => [`sensor ${index % 7}`, Math.sin(index) * 100])
  const results = await Promise.all(rows.map((row) => insert.run(...row)))
  console.log(`Inserted ${results.length} rows, the last as number ${results.at(-1).lastInsertRowid}`)
  release(insert)

  const { count, highest } = await database
    .prepare('select count(*) as count, max(value) as highest from readings where sensor = ?')
    .get('sensor 3')
  console.log(`Sensor 3 has ${count} readings, the highest is ${highest.toFixed(2)}`)

  // Rows come in batches while this loop wants some; where it stops, the query does.
  let seen = 0
  for await (const { value } of database.prepare('select * from readings order by id').iterate()) {
    seen++
    if (value > 99.99) break
  }
  console.log(`The first reading above 99.99 is number ${seen}`)

  const error = await database.prepare('select * from nowhere').then(null, (reason) => reason)
  console.log(`${error.name}: ${error.message}`)
} finally {
  release(database)
}

console.log(`References that are left: ${pool.stats().sets[0].references}`)
await pool.close()
