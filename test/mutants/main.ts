/**
 * Plants one fault after the other into a copy of the source, and fails where no test notices: `npm run mutants [-- WORD]` runs those
 * whose name has the word in it. The faults are those of the table that the design of x509/ rests on, and ours of revocation, of identities and
 * of the front doors.
 */
import { mutants as all } from './mutants.ts';
import { createWorkshop } from './workshop.ts';

const [word = ''] = process.argv.slice(2);
const mutants = all.filter(({ name }) => name.includes(word));
if (mutants.length === 0) {
  console.error(`no fault has ${JSON.stringify(word)} in its name`);
  process.exit(2);
}

const workshop = createWorkshop();
let survivors = 0;
try {
  for (const tests of new Set(mutants.map((mutant) => mutant.tests))) {
    const alarm = workshop.findNotice(tests);
    if (alarm !== undefined) throw new Error(`${alarm} fails without a fault`);
  }
  for (const mutant of mutants) {
    const notice = workshop.withChanges(mutant.changes, () => workshop.findNotice(mutant.tests));
    if (notice === undefined) survivors += 1;
    console.log(
      `${notice === undefined ? 'SURVIVED' : 'noticed '} ${mutant.name}${notice === undefined ? '' : ` (${notice})`}`,
    );
  }
} finally {
  workshop.close();
}
console.log(`${mutants.length - survivors} passed, ${survivors} failed`);
process.exitCode = survivors === 0 ? 0 : 1;
