/**
 * Reports comments that open with a fragment and comments that are too long to be read at a glance.
 * STYLE_GUIDE.md, "Comments", states the rule; test/fixtures/lint/tools/lint shows each case.
 */

/** Limits the prose of one comment, and the text of one JSDoc tag. */
const MAX_LINES = 2;
const MAX_COLUMNS = 120;

/** Words that open a fragment, whatever follows them. */
export const FRAGMENT_OPENERS = [
  ...['Of', 'What', 'Whatever', 'Who', 'Whoever', 'Whose', 'Whom', 'Whether', 'Which', 'How', 'Where'],
  ...['As', 'By', 'From', 'With', 'Without', 'Behind', 'Beyond', 'Beside', 'Besides', 'Like', 'Unlike'],
  ...['Also', 'Only', 'Not', 'Nor', 'Or', 'And', 'But', 'So', 'Than', 'Too', 'Being', 'Told'],
  ...[
    'To be',
    'One that',
    'One who',
    'One which',
    'All that',
    'All who',
    'Those that',
    'Those who',
    'Those of',
  ],
  ...['Far beyond', 'More than', 'Less than', 'Longer than', 'Shorter than', 'Later than', 'Earlier than'],
  ...['Null:', 'Undefined:', 'True:', 'False:'],
];

/** Words that open a sentence when a comma ends their clause ("When the lease ends, …"), and a fragment otherwise. */
export const CLAUSE_OPENERS = [
  ...['For', 'In', 'On', 'At', 'Within', 'Between', 'Under', 'Over', 'Since', 'Because', 'Although', 'If'],
  ...['Unless', 'Until', 'When', 'While', 'Once', 'After', 'Before'],
];

/** Past participles that open a fragment when one of {@link PARTICIPLE_FOLLOWERS} or a stop comes next. */
export const PARTICIPLE_OPENERS = [
  ...[
    'Asked',
    'Called',
    'Checked',
    'Counted',
    'Cut',
    'Given',
    'Kept',
    'Left',
    'Made',
    'Measured',
    'Read',
    'Run',
  ],
  ...['Seen', 'Sent', 'Set', 'Shared', 'Started', 'Stored', 'Taken', 'Tried', 'Used', 'Written'],
];
const PARTICIPLE_FOLLOWERS = [
  ...[
    'again',
    'alone',
    'and',
    'apart',
    'as',
    'at',
    'before',
    'behind',
    'beside',
    'by',
    'for',
    'from',
    'here',
    'if',
  ],
  ...['in', 'into', 'like', 'of', 'off', 'on', 'once', 'only', 'out', 'so', 'to', 'together', 'too', 'twice'],
  ...['until', 'when', 'where', 'while', 'with', 'without'],
];

/** Openings that begin with one of the words above and are good English. */
const GOOD_OPENINGS = /^(by default|from then on|at (least|most)|in order to|for example|if and only if)\b/i;

const words = (list) => list.map((word) => word.replace(' ', '\\s+')).join('|');
const END_OF_WORD = String.raw`(?=[\s,.;:!?)]|$)`;
const FRAGMENT = new RegExp(
  `^(?:${words(FRAGMENT_OPENERS.filter((word) => !word.endsWith(':')))})${END_OF_WORD}`,
  'i',
);
const LABEL = new RegExp(`^(?:${words(FRAGMENT_OPENERS.filter((word) => word.endsWith(':')))})`, 'i');
const CLAUSE = new RegExp(`^(?:${words(CLAUSE_OPENERS)})${END_OF_WORD}`, 'i');
const PARTICIPLE = new RegExp(
  `^(?:${words(PARTICIPLE_OPENERS)})(?=[,.;:]|$|\\s+(?:${words(PARTICIPLE_FOLLOWERS)})${END_OF_WORD})`,
  'i',
);

/** Licence headers are exempt as a whole. */
const LICENCE = /^[*!\s]*(SPDX-License-Identifier:|Copyright )/;

/** Lines that a tool reads, marks of the lint fixtures, and separators. */
const NOT_PROSE = [
  /^(eslint|globals?|exported|prettier-ignore|istanbul|c8|v8|swc|@ts-|@jest-|#)/,
  /^expect( next line)?: /,
  /^[-=*─]{3,}/,
];
const FENCE = /^```/;
const TAG = /^@(\w+)/;

export const plainComments = {
  meta: {
    type: 'suggestion',
    schema: [],
    messages: {
      fragment:
        'A comment opens with a noun or a verb in the third person ("Returns …"), not with the fragment \'{{opener}} …\'.',
      clause:
        "'{{opener}} …' opens a fragment: end its clause with a comma and let a sentence follow, or open with a noun or a verb.",
      longProse: `A comment holds at most ${MAX_LINES} lines of prose: shorten it, or move the reason to docs/ and name the page.`,
      longTag: `@{{tag}} holds at most ${MAX_LINES} lines: shorten it.`,
      longLine: `A line with a comment ends before column ${MAX_COLUMNS + 1}.`,
    },
  },
  create(context) {
    const { sourceCode } = context;
    const report = (line, messageId, data = {}) =>
      context.report({
        loc: { start: { line, column: 0 }, end: { line, column: sourceCode.lines[line - 1].length } },
        messageId,
        data,
      });
    return {
      Program() {
        for (const lines of commentsOf(sourceCode)) {
          for (const { number } of lines) {
            if (sourceCode.lines[number - 1].length > MAX_COLUMNS) report(number, 'longLine');
          }
          const { prose, tags } = sectionsOf(lines);
          const opening = openingOf(prose.map(({ text }) => text).join(' '));
          if (opening) report(prose[0].number, opening.messageId, { opener: opening.opener });
          if (prose.length > MAX_LINES) report(prose[MAX_LINES].number, 'longProse');
          for (const { tag, lines: tagLines } of tags) {
            if (tagLines.length > MAX_LINES) report(tagLines[MAX_LINES].number, 'longTag', { tag });
          }
        }
      },
    };
  },
};

/** Returns the fragment that a comment opens with, or undefined when it opens well. */
function openingOf(text) {
  const start = text.replace(/^[("'`]+/, '');
  if (GOOD_OPENINGS.test(start)) return undefined;
  const [fragment] = LABEL.exec(start) ?? FRAGMENT.exec(start) ?? PARTICIPLE.exec(start) ?? [];
  if (fragment) return { messageId: 'fragment', opener: fragment };
  const [clause] = CLAUSE.exec(start) ?? [];
  const [firstSentence] = start.split(/[.!?](?:\s|$)/);
  return clause && !firstSentence.includes(',') ? { messageId: 'clause', opener: clause } : undefined;
}

/** Groups the comments of a file: a block is one group, and so is a run of `//` lines without code between them. */
function commentsOf(sourceCode) {
  const groups = [];
  let previous;
  for (const comment of sourceCode.getAllComments()) {
    if (comment.type === 'Shebang' || LICENCE.test(comment.value)) continue;
    const first = comment.loc.start.line;
    const lines = comment.value
      .split('\n')
      .map((text, index) => ({ number: first + index, text: textOf(comment, text) }));
    const ownLine = sourceCode.lines[first - 1].slice(0, comment.loc.start.column).trim() === '';
    if (comment.type === 'Line' && ownLine && previous?.endLine === first - 1) {
      previous.lines.push(...lines);
      previous.endLine = first;
    } else {
      groups.push(lines);
      previous = comment.type === 'Line' && ownLine ? { lines, endLine: first } : undefined;
    }
  }
  return groups;
}

/** Strips the comment's own marks and a trailing `// expect: …` mark of a fixture. */
function textOf({ type }, text) {
  const bare = type === 'Block' ? text.replace(/^\s*\*+ ?/, '') : text.replace(/^[/!]* ?/, '');
  return bare.replace(/\/\/ expect: .*$/, '').trimEnd();
}

/** Separates prose from JSDoc tags, and leaves out fenced code, indented usage lines and what tools read. */
function sectionsOf(lines) {
  const prose = [];
  const tags = [];
  let fenced = false;
  for (const line of lines) {
    const text = line.text.trim();
    if (FENCE.test(text)) fenced = !fenced;
    else if (
      !fenced &&
      text !== '' &&
      !isUsage(line.text) &&
      !NOT_PROSE.some((pattern) => pattern.test(text))
    ) {
      const [, tag] = TAG.exec(text) ?? [];
      if (tag) tags.push({ tag, lines: [line] });
      else (tags.at(-1)?.lines ?? prose).push(line);
    }
  }
  return { prose, tags };
}

/** Recognises a command that a reader may paste: `//   npm run bench -- --quick`. */
function isUsage(text) {
  return /^ {2,}(npm|npx|node|docker|curl|git|\.\/)\b/.test(text);
}
