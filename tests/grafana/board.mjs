// Boards as all checks here see them: where they lie, their panels, how faults are told.
//
// In:  arguments of a command (files and folders).
// Out: boards in order of their paths; panels in reading order, those of closed rows included.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

/** The root of the repository. */
export const repository = resolve(import.meta.dirname, '../..');

/** Other projects' files, beside the repository; absent in a plain checkout. */
export const corpus = resolve(repository, process.env.NINEFOLD_CORPUS ?? '../shared/corpus');

/** The boards at or below the paths: `{path, board}`. */
export function boardsOf(paths) {
  const files = paths.flatMap((path) => (statSync(path).isDirectory()
    ? readdirSync(path).filter((name) => name.endsWith('.json')).sort().map((name) => join(path, name))
    : [path]));
  if (!files.length) fail('no boards: name files, or folders that hold *.json');
  return files.map((path) => ({ path: relative(process.cwd(), path), board: JSON.parse(readFileSync(path, 'utf8')) }));
}

/** All panels; a closed row is followed by what it holds. */
export function panelsOf(board) {
  return (board.panels ?? []).flatMap((panel) => [panel, ...(panel.panels ?? [])]);
}

export const panelName = (panel) => `${panel.id} ${panel.type} ${JSON.stringify(panel.title ?? '')}`;

/** Runs a check, `board` to `[panel, message]` pairs, over boards; exit code 1 if there are faults. */
export function report(boards, check) {
  let faults = 0;
  for (const { path, board } of boards) {
    for (const [panel, message] of check(board)) {
      faults += 1;
      console.log(`${path}: ${panel}: ${message}`);
    }
  }
  console.log(`${boards.length} ${boards.length === 1 ? 'board' : 'boards'}, ${faults} ${faults === 1 ? 'fault' : 'faults'}`);
  process.exitCode = faults ? 1 : 0;
}

/** Ends the command with a message: it was called wrongly, or something is missing. */
export function fail(message) {
  console.error(message);
  process.exit(2);
}
