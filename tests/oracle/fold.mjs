// Case and accents taken off a text, for string search and for tokens.

// Letters that are letters of their own and so survive the removal of marks.
const LETTERS = { ø: 'o', œ: 'oe', æ: 'ae', đ: 'd', ł: 'l', þ: 'th', ð: 'd', ı: 'i' };
const LETTER = new RegExp(`[${Object.keys(LETTERS).join('')}]`, 'g');

/** The text without the difference of upper and lower case. */
export function foldCase(text) {
  return text.toUpperCase().toLowerCase().replaceAll('ς', 'σ');
}

/** The text without case, accents and other marks. */
export function fold(text) {
  if (/^[\x20-\x7e]*$/.test(text)) return text.toLowerCase();
  const plain = foldCase(text.normalize('NFKD')).normalize('NFKD').replace(/\p{M}/gu, '');
  return plain.replace(LETTER, (letter) => LETTERS[letter]);
}
