import type { ReadinessCheck } from './app.ts';
import type { FollowedFiles } from './reloadable.ts';

/** The last good version is in force as long as the process lives; what keeps a newer one out is a note. */
export function toReadinessCheck(files: FollowedFiles): ReadinessCheck {
  return {
    name: files.name,
    problem: () => undefined,
    note: () => {
      const { version, problem } = files.status;
      return problem === undefined
        ? version
        : `${version} stays in force; a newer version is not taken: ${problem}`;
    },
  };
}
