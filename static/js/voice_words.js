// The words that a practice is steered with, in the languages of the cues.

/** @typedef {'start' | 'pause' | 'play' | 'back' | 'on' | 'slower' | 'faster' | 'mute' | 'again'} Wish */

/** @type {Record<string, Record<Wish, string[]>>} */
const WORDS = {
  en: {
    start: ['start', 'begin', 'let us begin', "let's begin"],
    pause: ['pause', 'stop', 'wait', 'hold on'],
    play: ['play', 'go on', 'continue', 'carry on', 'resume'],
    back: ['back', 'go back', 'rewind'],
    on: ['forward', 'go forward', 'skip', 'on'],
    slower: ['slower', 'slow down', 'too fast'],
    faster: ['faster', 'speed up', 'too slow'],
    mute: ['mute', 'unmute', 'sound off', 'sound on'],
    again: ['again', 'repeat', 'repeat this', 'once more'],
  },
  de: {
    start: ['start', 'starten', 'anfangen', 'los', "los geht's", 'los gehts'],
    pause: ['pause', 'stopp', 'stop', 'halt', 'anhalten', 'warte'],
    play: ['weiter', 'weitermachen', 'mach weiter', 'abspielen', 'fortsetzen'],
    back: ['zurück', 'geh zurück', 'zurückspulen'],
    on: ['vor', 'vorwärts', 'vorspulen', 'überspringen'],
    slower: ['langsamer', 'zu schnell'],
    faster: ['schneller', 'zu langsam'],
    mute: ['stumm', 'ton aus', 'ton an'],
    again: ['nochmal', 'noch mal', 'nochmals', 'noch einmal', 'wiederholen'],
  },
  es: {
    start: ['empezar', 'empieza', 'comenzar', 'comienza', 'inicio', 'iniciar'],
    pause: ['pausa', 'para', 'parar', 'alto', 'espera', 'detener'],
    play: ['sigue', 'seguir', 'continúa', 'continuar', 'reproducir'],
    back: ['atrás', 'hacia atrás', 'retroceder', 'retrocede'],
    on: ['adelante', 'hacia adelante', 'avanzar', 'avanza'],
    slower: ['más lento', 'más despacio', 'despacio', 'demasiado rápido'],
    faster: ['más rápido', 'más deprisa', 'demasiado lento'],
    mute: ['silencio', 'silenciar', 'sin sonido', 'con sonido'],
    again: ['otra vez', 'de nuevo', 'repetir', 'repite', 'una vez más'],
  },
  hi: {
    start: ['शुरू', 'शुरू करो', 'शुरू करें', 'शुरू कीजिए', 'शुरू करते हैं', 'स्टार्ट'],
    pause: ['रुको', 'रुकें', 'रुकिए', 'रोको', 'रोकें', 'ठहरो', 'पॉज़', 'स्टॉप'],
    play: ['चलाओ', 'चलाएँ', 'चलाइए', 'जारी रखो', 'जारी रखें', 'प्ले'],
    back: ['पीछे', 'पीछे जाओ', 'पीछे जाएँ', 'वापस'],
    on: ['आगे', 'आगे जाओ', 'आगे जाएँ', 'आगे बढ़ो'],
    slower: ['धीरे', 'और धीरे', 'धीमा', 'धीमे', 'धीमा करो'],
    faster: ['तेज़', 'और तेज़', 'जल्दी', 'तेज़ करो'],
    mute: ['चुप', 'म्यूट', 'अनम्यूट', 'आवाज़ बंद', 'आवाज़ चालू'],
    again: ['फिर से', 'दोबारा', 'दुबारा', 'एक बार और', 'दोहराओ'],
  },
  zh: {
    start: ['开始', '开始吧'],
    pause: ['暂停', '停', '停下', '停止', '等一下', '等等'],
    play: ['继续', '播放'],
    back: ['后退', '往后', '倒回', '退回'],
    on: ['前进', '往前', '快进'],
    slower: ['慢一点', '慢点', '慢一些', '太快了'],
    faster: ['快一点', '快点', '快一些', '太慢了'],
    mute: ['静音', '取消静音', '关闭声音', '打开声音'],
    again: ['再来', '再来一次', '再来一遍', '再一次', '重复'],
  },
};

/** What may stand around a wish and changes nothing. */
const AROUND = new Set(
  ['please coach okay ok now', 'bitte jetzt', 'por favor ahora', 'कृपया कोच अब', '请 教练 现在 吧']
    .flatMap((words) => words.split(' '))
    .map(plain),
);

/** @type {Map<string, Map<string, Wish>>} by language, then by what is said */
const WISHES = new Map(
  Object.entries(WORDS).map(([language, wishes]) => [
    language,
    new Map(
      Object.entries(wishes).flatMap(([wish, said]) =>
        said.map((words) => [joined(words, language), /** @type {Wish} */ (wish)]),
      ),
    ),
  ]),
);

/**
 * The wish that somebody utters. What is said must be the wish and nothing else: of longer
 * sentences, such as an instructor's, a word in passing would be taken for one.
 * @param {string} said
 * @param {string} language one of the cues'
 * @returns {Wish | null}
 */
export function wishIn(said, language) {
  return WISHES.get(language)?.get(joined(said, language)) ?? null;
}

/**
 * @param {string} said
 * @param {string} language
 */
function joined(said, language) {
  if (language === 'zh') return plain(said).replaceAll(' ', '').replace(/^(请|教练)+|吧+$/gu, '');
  const words = plain(said).split(' ');
  while (words.length > 1 && AROUND.has(words[0])) words.shift();
  while (words.length > 1 && AROUND.has(words[words.length - 1])) words.pop();
  return words.join(' ');
}

/**
 * Without case, punctuation and what recognisers write now this way, now that: accents, nuktas.
 * @param {string} text
 */
function plain(text) {
  const bare = text.normalize('NFD').replace(/[\u0300-\u036f\u093c'’]/gu, '').toLowerCase();
  return bare.replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ').trim();
}
