import { outdated, show } from './harness/show.mjs'

// npm run bench:show              puts what is in bench/results into the README, once more, without measuring
// node bench/show.mjs --check     says what shows something else, and exits with 1 if anything does

if (process.argv.includes('--check')) {
  for (const name of outdated()) {
    console.error(`${name} does not show what is in bench/results: npm run bench:show`)
    process.exitCode = 1
  }
} else {
  console.log(`Shown in: ${show().join(', ')}`)
}
