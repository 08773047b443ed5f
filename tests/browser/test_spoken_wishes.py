"""Spoken wishes: what counts as one, and that nothing said is heard anywhere but here."""

import json
from itertools import chain
from typing import Final

import pytest
from browser.test_page_modules import run
from playwright.sync_api import Page

from coach_server.coaching.choices import Language
from coach_server.coaching.wording import WORDS

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            ["Start.", "Pause!", "go on", "Back", "Skip, please", "slow down", "Faster"],
        ),
        (
            "de",
            ["Los geht’s", "Stopp", "Weiter!", "zurück", "Vor", "Langsamer bitte", "schneller"],
        ),
        (
            "es",
            [
                "Empezar",
                "Pausa, por favor",
                "Continua",
                "atrás",
                "Adelante",
                "más lento",
                "más rápido",
            ],
        ),
        (
            "hi",
            ["शुरू करो", "रुको", "जारी रखो", "पीछे", "आगे", "धीरे", "तेज"],
        ),
        (
            "zh",
            ["开始吧", "请 暂停。", "继续", "后退", "前进", "慢一点", "快 一点"],
        ),
    ],
)
def test_wishes_are_understood_in_every_language(
    module_page: Page, language: str, said: list[str]
) -> None:
    wishes = run(
        module_page,
        "voice_words",
        f"return {json.dumps(said)}.map((words) => m.wishIn(words, {language!r}));",
    )
    assert wishes == ["start", "pause", "play", "back", "on", "slower", "faster"]


@pytest.mark.parametrize("language", Language)
def test_nothing_that_the_coach_says_is_a_wish(module_page: Page, language: Language) -> None:
    words = WORDS[language]
    cues = [text.format(amount=by) for text in words.cues.values() for by in words.amounts.values()]
    more = chain(words.praise, words.silences.values(), words.phrases.values())
    heard = run(
        module_page,
        "voice_words",
        f"""
        const said = {json.dumps([*cues, *more])};
        return said.filter((text) => m.wishIn(text, '{language}') !== null);
        """,
    )
    assert heard == []


@pytest.mark.parametrize("said", ["", "on the contrary", "we start again", "stopp", "开始"])
def test_a_word_in_passing_is_no_wish(module_page: Page, said: str) -> None:
    assert run(module_page, "voice_words", f"return m.wishIn({json.dumps(said)}, 'en');") is None


RECOGNISER: Final = """
    const log = [];
    let current = null;
    class SpeechRecognition extends EventTarget {
      processLocally = false;
      start() {
        current = this;
        log.push(`listens ${this.lang} ${this.processLocally ? 'here' : 'AFAR'}`);
      }
      abort() { log.push('aborts'); this.tell('end'); }
      tell(type, more) { this.dispatchEvent(Object.assign(new Event(type), more)); }
      hear(index, words, isFinal = true) {
        const results = Array.from({ length: index + 1 }, () => []);
        results[index] = Object.assign([{ transcript: 'hum' }, { transcript: words }], { isFinal });
        this.tell('result', { resultIndex: index, results });
      }
      static async available({ langs, processLocally }) {
        log.push(`asks ${langs}${processLocally ? '' : ' AFAR'}`);
        return { 'en-US': 'available', 'de-DE': 'available' }[langs] ?? 'downloadable';
      }
    }
    SpeechRecognition.prototype.processLocally = false;
    window.SpeechRecognition = SpeechRecognition;
    delete window.webkitSpeechRecognition;
    const settle = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));
    const wishes = [];
    const commands = new m.VoiceCommands((wish) => wishes.push(wish));
    commands.onLost = (reason) => log.push(`lost: ${reason}`);
"""


def test_only_recognition_on_this_machine_is_used(module_page: Page) -> None:
    told = run(
        module_page,
        "voice_commands",
        f"""
        {RECOGNISER}
        const states = [];
        for (const language of ['en', 'de', 'es', 'tlh']) {{
          states.push(await m.VoiceCommands.available(language));
        }}
        await commands.start('es');
        delete SpeechRecognition.prototype.processLocally;
        states.push(await m.VoiceCommands.available('en'));
        SpeechRecognition.prototype.processLocally = false;
        SpeechRecognition.available = async () => {{ throw new TypeError('no such option'); }};
        states.push(await m.VoiceCommands.available('en'));
        delete SpeechRecognition.available;
        states.push(await m.VoiceCommands.available('en'));
        delete window.SpeechRecognition;
        states.push(await m.VoiceCommands.available('en'));
        await commands.start('en');
        commands.deaf = true;
        commands.deaf = false;
        commands.stop();
        await settle(350);
        return [states, log.filter((line) => !line.startsWith('asks')),
          log.some((line) => line.includes('AFAR'))];
        """,
    )
    assert told == [[True, True, False, False, False, False, False, False], [], False]


def test_a_wish_counts_once_when_it_has_ended_or_stood_a_moment(module_page: Page) -> None:
    told = run(
        module_page,
        "voice_commands",
        f"""
        {RECOGNISER}
        await commands.start('en');
        current.hear(0, 'pause');
        current.hear(1, 'the pause that refreshes');
        current.hear(2, 'start', false);
        current.hear(2, 'start again from the', false);
        await settle(450);
        current.hear(2, 'start again from the beginning');
        current.hear(3, 'slower', false);
        await settle(450);
        current.hear(3, 'slower');
        await commands.start('en');
        await commands.start('de');
        current.hear(0, 'zurück');
        commands.stop();
        current.hear(1, 'weiter');
        return [wishes, log];
        """,
    )
    assert told[0] == ["pause", "slower", "back"]
    assert told[1] == [
        *("asks en-GB", "asks en-US", "listens en-US here", "aborts"),
        *("asks de-DE", "listens de-DE here", "aborts"),
    ]


def test_the_coach_is_not_heard_and_the_student_is_again_after_it(module_page: Page) -> None:
    told = run(
        module_page,
        "voice_commands",
        f"""
        {RECOGNISER}
        await commands.start('en');
        const before = current;
        before.hear(0, 'pause', false);
        commands.deaf = true;
        before.hear(0, 'pause');
        await settle(450);
        const deaf = [current === before, commands.deaf];
        commands.deaf = false;
        await settle(350);
        current.hear(0, 'play');
        commands.deaf = true;
        commands.stop();
        commands.deaf = false;
        await settle(350);
        return [wishes, deaf, current !== before, log.filter((line) => !line.startsWith('asks'))];
        """,
    )
    listens = "listens en-US here"
    assert told == [["play"], [True, True], True, [listens, "aborts", listens, "aborts"]]


def test_listening_goes_on_when_the_browser_ends_it_unless_it_is_refused(
    module_page: Page,
) -> None:
    told = run(
        module_page,
        "voice_commands",
        f"""
        {RECOGNISER}
        const starting = commands.start('en');
        commands.stop();
        await starting;
        const early = current;
        await commands.start('en');
        const first = current;
        first.tell('error', {{ error: 'no-speech' }});
        first.tell('end');
        await settle(550);
        const second = current;
        second.tell('error', {{ error: 'not-allowed' }});
        second.tell('end');
        await settle(550);
        return [early, first !== second, current === second, log.at(-1)];
        """,
    )
    assert told == [None, True, True, "lost: not-allowed"]
