"""What the inputs of text nodes mean, and which nodes make up their text only when they run."""

from __future__ import annotations

import re
from typing import Final

STORED_RESULT: Final = "populated_text"
"""The text that a wildcard node came to; it was executed, whatever stands in its template."""
SHOWN_RESULTS: Final = (
    ("text_0", "text"),
    ("preview_text", "source"),
    ("preview_markdown", "source"),
    ("output", "source"),
    ("text", "anything"),
)
"""What a display node showed, and the link it showed."""
SHOWN_TEXTS: Final = tuple(dict.fromkeys(text for text, _ in SHOWN_RESULTS))
SHOWING_WORDS: Final = re.compile("view|show|display")
"""Classes that show what comes in, and hand it on."""
PROMPT_NAMES: Final = frozenset(("text", "prompt", "user_prompt", "Prompt", "prompt_text", "text_prompt"))
"""Of the names below, those under which nothing else stands."""
TEXT_GROUPS: Final = (
    ("text",),
    ("text_g", "text_l"),
    ("clip_l", "clip_g", "t5xxl", "llama"),
    ("prompt_g", "prompt_l"),
    ("bert", "mt5xl"),
    ("prompt",),
    ("user_prompt",),
    ("value",),
    ("string",),
    ("Text",),
    ("prompt_text",),
    ("text_prompt",),
    ("caption",),
    ("tags",),
    ("wildcard_text",),
    ("multiline_text",),
    ("text_input",),
    ("string_input",),
    ("input_text",),
    ("input_string",),
    ("STRING",),
    ("content",),
    ("prompts",),
    ("body",),
    ("Prompt",),
    ("Value",),
    ("source",),
    ("anything",),
    ("any",),
    ("input",),
)
"""Inputs that hold a node's text, the first group with a text wins; within a group the encoders' texts add up."""
JOINED_STEMS: Final = {
    "string": False,
    "str": False,
    "text": True,
    "prompt": True,
    "part": True,
    "line": True,
    "text_input": True,
    "input_text": True,
    "prompt_part": True,
}
"""Stem of numbered (or lettered) inputs that are joined -> whether blank ones are left out."""
DELIMITERS: Final = ("delimiter", "separator", "sep", "join_with", "delimeter")
TRIGGER_STEM: Final = "trigger_words"
"""LoraManager puts these before the text, with a comma between."""
TOGGLED: Final = "toggle_trigger_words"
"""A list of {text, active}."""
REPLACEMENTS: Final = (("find", "replace"), *((f"find{i}", f"replace{i}") for i in range(1, 4)))
PATTERNS: Final = (("regex_pattern", "replace"), ("regex", "replace"), ("pattern", "replacement"))
"""The same with a regular expression in place of a text. Nothing in a file is run; only plain ones count."""
REPLACING: Final = ("action", "replace", ("text_a", "text_b", "text_c"))
"""Widget and its value on nodes that join three texts or replace the second by the third in the first."""
TIDIES: Final = "tidy_tags"
"""Joins tags by a comma, and takes out blanks and commas that come twice."""
LINE_BREAKS: Final = "linebreak_addition"
UNWRITTEN_DELIMITERS: Final = {"LayerUtility: TextJoin": ", "}
"""Classes that join by what they have no widget for."""

SIDES: Final = (frozenset(("positive", "pos")), frozenset(("negative", "neg", "uncond")))
"""Words in the names of inputs for the positive and for the negative side."""
WORDING_WORDS: Final = frozenset(
    (
        *("prompt", "prompts", "text", "texts", "string", "str", "words", "tags", "caption", "wildcard", "wildcards"),
        *("conditioning", "cond", "description", "input", "main", "global", "base", "g", "l", "xl", "sdxl", "flux"),
    )
)
"""Words beside a side that say what is held there is its text."""
SETTING_WORDS: Final = frozenset(
    (
        *("use", "hint", "mask", "method", "type", "enable", "enabled", "apply", "only", "threshold", "source"),
        *("index", "select", "option", "choice", "toggle", "switch", "file", "path", "format", "color", "colour"),
    )
)
"""Words beside a side that say what is held there is none."""
SIDE_BEGINNINGS: Final = re.compile("pos|neg|uncond")
"""One of these is in every name with such a word."""
NOT_SIDE_WORDS: Final = frozenset(
    (
        "normalization",
        "interpretation",
        "weight",
        "strength",
        "style",
        "mode",
        "scale",
        "preset",
        "refiner",
        "empty",
        "token",
        "multiplier",
        "ascore",
        "cfg",
    )
)
"""Words beside them that say it is no text."""

SELECTED_BY_SLOT: Final = {
    "Text String": ("text", "text_b", "text_c", "text_d"),
}
"""Classes that hold several texts apart, one to an output."""

BIPOLAR: Final = frozenset(("text_embeds", "hyvid_embeds", "prompts", "conditioning_pair"))
"""Besides pipes: links that carry the positive and the negative side together."""
EMBEDS: Final = "text_embeds"
"""A link with this in its name does, too; `NAG` beside it says that its first side is what is not wanted."""
NAG: Final = "nag"
PAIRED_LINK: Final = "zipped_prompt"
"""A bundle of both sides, on a node that gives the positive words first and the negative second."""
SECOND_CONDITIONINGS: Final = ("cond2", "cond_2", "conditioning2", "conditioning_2")
"""What dual guiders set between the positive and the negative side."""
NEGATIVE_BUNDLES: Final = frozenset(("hyvid_cfg", "any", "anything", "source", "input", "value", "*", ""))
"""Further links behind which only a text that is named after the negative side is one."""
ZERO_WORDS: Final = re.compile("zeroout|zero_out|zero out|emptyconditioning|disablenoise")
"""Classes that give a conditioning without words."""
AUXILIARY_TEXT_WORDS: Final = re.compile("gligen|controlnet")
"""Classes whose own text goes to a helper model, beside the conditioning they hand on."""

RUN_TIME_SETTINGS: Final = frozenset(
    (
        "temperature",
        "top_p",
        "top_k",
        "max_tokens",
        "max_new_tokens",
        "repetition_penalty",
        "num_beams",
        "api_key",
        "llm_model",
        "caption_type",
        "ollama_model",
    )
)
"""Settings of language models: the text such a node gives is not the one it is given."""
INSTRUCTIONS: Final = frozenset(
    ("system_prompt", "system_message", "instruction", "instructions", "system", "sys_prompt", "system_content", "code")
)
"""What tells a language model or an interpreter what to do, on nodes that are no text encoders."""
RUN_TIME_WORDS: Final = re.compile(
    "ollama|openai|chatgpt|gemini|claude|florence|joycaption|joy_caption|interrogat|tagger|llava|llm"
    "|moondream|promptenhanc|prompt enhanc|superprompt|onebuttonprompt|portraitmaster|textgenerate"
    "|captioner|loadtext|text load|load text|textfile|promptgen|magic ?prompt|loadprompt"
    "|groq|deepseek|anthropic|griptape|qwen_?[0-9.]*_?vl|minicpm|internvl|smolvlm|blip"
)
LINE_WORDS: Final = re.compile("random ?line|prompt ?line|prompt ?list|cycle ?line|line ?select|select ?line")
"""Nodes that give one of their lines at a time."""
INDEXES: Final = (
    *("index", "line_index", "line_number", "line", "row", "item_index", "prompt_index", "text_index", "start_index"),
    *("list_index", "selected_index", "nth", "select"),
)
"""Beside a text of several lines: which of them a node gives."""
LIST_WORDS: Final = re.compile("(?:prompt|text|string)s? ?_?list")
"""Nodes that give all their texts, one after the other, each to a picture of its own."""
SPLIT_WORDS: Final = re.compile("split")
"""Nodes that cut a text into several."""
TEMPLATE_WORDS: Final = re.compile("wildcard|nsp[)]|dprandom|dpcombin|dynamicprompt|dynamic prompt|random")
"""Nodes that fill in a template when they run; a text without anything to fill in is the result."""
SPECIAL_WORDS: Final = re.compile(
    "|".join(words.pattern for words in (ZERO_WORDS, AUXILIARY_TEXT_WORDS, TEMPLATE_WORDS)) + "|switch|text string"
)
"""Classes whose text is not simply what is on them, although they may have all of a plain encoder."""
ENCODER_WIDGETS: Final = (
    *("token_normalization", "weight_interpretation"),
    *(
        "parser",
        "mean_normalization",
        "multi_conditioning",
        "use_old_emphasis_implementation",
        "with_SDXL",
        "smZ_steps",
    ),
    *("ascore", "width", "height", "crop_w", "crop_h", "target_width", "target_height", "text_g", "text_l"),
)
"""What encoders of other packs have beside their text; it is not read when there is one."""
CLIPS: Final = ("clip", "opt_clip", "t5", "text_encoder", "text_encoders", "clip1", "base_clip")
"""A node with one of these links encodes text."""
