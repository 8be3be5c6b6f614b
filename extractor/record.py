"""The record: pydantic models of the Civitai image schema, plus `Extraction`, which tells how it was found.

Constructors and `model_copy` take the names of the attributes; mappings and JSON take the schema's names alone, beside
which stand keys of tools that may spell an attribute (``model``, ``clip_skip``). Dumping gives the schema's names and
leaves out what is absent, so that a dump loads again.

Loading is lenient and lossless: a value of an unexpected type stays as it is and unknown keys are kept, so that
records of Civitai's public API go in and come out unchanged. What `extract` writes is strict.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema


def _is_absent(value: object) -> bool:
    return value is None


_ABSENT: Final[Any] = Field(exclude_if=_is_absent)
_FIRST_THAT_FITS: Final[Any] = Field(union_mode="left_to_right", exclude_if=_is_absent)

_T = TypeVar("_T")
Maybe: TypeAlias = Annotated[_T | None, _ABSENT]
"""What may be absent: then it is None, and not dumped."""

if TYPE_CHECKING:
    Integer: TypeAlias = int | None
    Number: TypeAlias = int | float | None
    Text: TypeAlias = str | None
    Flag: TypeAlias = bool | None
    Level: TypeAlias = int | str | None
    TextMap: TypeAlias = dict[str, str] | None
    Objects: TypeAlias = list[dict[str, Any]] | None
    Values: TypeAlias = list[Any] | None
    Object: TypeAlias = dict[str, Any] | None
else:

    def _lenient(**schema: Any) -> Any:
        """A field of which the schema tells a type. What has another stays as it is: loading has nothing to check."""
        return Annotated[Any, _ABSENT, WithJsonSchema(schema)]

    Integer = _lenient(type="integer")
    Number = _lenient(type="number")
    Text = _lenient(type="string")
    Flag = _lenient(type="boolean")
    Level = _lenient(type=["integer", "string"])
    TextMap = _lenient(type="object", additionalProperties={"type": "string"})
    Objects = _lenient(type="array", items={"type": "object"})
    Values = _lenient(type="array", items={})
    Object = _lenient(type="object")


class _Model(BaseModel):
    """Aliases are the schema's names; unknown keys are kept."""

    model_config = ConfigDict(alias_generator=to_camel, extra="allow", ser_json_inf_nan="null", serialize_by_alias=True)

    if not TYPE_CHECKING:  # a type checker makes the constructor of the attributes itself

        def __init__(self, **values: Any) -> None:
            """Attributes by their names, None for what is absent; anything else is a key of its own.

            Raises `TypeError` for a value given under its attribute's name and under the schema's.
            """
            keys = {name: field.alias for name, field in type(self).__pydantic_fields__.items() if name in values}
            twice = next((name for name, key in keys.items() if key != name and key in values), None)
            if twice is not None:
                raise TypeError(f"{twice} and {keys[twice]!r} are one field of {type(self).__name__}")
            super().__init__(
                **{
                    keys.get(name, name): value
                    for name, value in values.items()
                    if value is not None or name not in keys
                }
            )

        # Or else a mapping that is loaded would come here, and its keys would be taken for names of attributes.
        __init__.__pydantic_base_init__ = True

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The schema without null, which is never dumped for a field, and without titles that repeat its key."""
        schema = handler(core)
        for field in handler.resolve_ref_schema(schema).get("properties", {}).values():
            field.pop("title", None)
            if "default" in field and field["default"] is None:
                del field["default"]
            choices = [choice for choice in field.pop("anyOf", ()) if choice not in ({}, {"type": "null"})]
            if choices:
                field.update(choices[0] if len(choices) == 1 else {"anyOf": choices})
        return schema


class Resource(_Model):
    """A model, LoRA, embedding, VAE... that made the picture."""

    name: Text = None
    type: Text = None
    """``model``, ``lora``, ``lycoris``, ``hypernet``, ``embed``, ``vae``, ``upscaler``, ``controlnet``..."""
    hash: Text = None
    """Lower-case hex, without ``0x``."""
    weight: Number = None
    strength_clip: Number = None
    """Weight on the text encoder, where it differs from `weight`."""
    model_version_id: Integer = None


if TYPE_CHECKING:
    Resources: TypeAlias = list[Resource] | None
else:
    Resources = Annotated[list[Resource] | Any, _FIRST_THAT_FITS]


_OWN_KEYS: Final = {"model": "Model", "model_hash": "Model hash", "size": "Size", "vae": "VAE"}
"""Keys of the meta object that are not written in camel case."""


def _meta_key(name: str) -> str:
    return _OWN_KEYS.get(name) or to_camel(name)


class Meta(_Model):
    """The generation data. Keys of the tool that have no field here are kept under their own names."""

    model_config = ConfigDict(alias_generator=_meta_key)

    prompt: Text = None
    negative_prompt: Text = None
    seed: Integer = None
    steps: Integer = None
    cfg_scale: Number = None
    sampler: Text = None
    model: Text = None
    model_hash: Text = None
    resources: Resources = None
    clip_skip: Number = None
    """Whole, but for a tool that stops between two layers (SD.Next: 1.3)."""
    scheduler: Text = None
    denoise: Number = None
    size: Text = None
    vae: Text = None
    hashes: TextMap = None
    civitai_resources: Objects = None
    character_prompts: Values = None
    extra: Object = None


META_KEYS: Final = {name: field.alias or name for name, field in Meta.model_fields.items()}
"""Attribute of `Meta` -> key of the meta object."""
RESOURCE_KEYS: Final = {name: field.alias or name for name, field in Resource.model_fields.items()}
"""Attribute of `Resource` -> key of a resource's object."""


class Stats(_Model):
    """Reactions on the site. Never made up for a local file."""

    cry_count: Integer = None
    laugh_count: Integer = None
    like_count: Integer = None
    dislike_count: Integer = None
    heart_count: Integer = None
    comment_count: Integer = None


if TYPE_CHECKING:
    MaybeMeta: TypeAlias = Meta | None
    MaybeStats: TypeAlias = Stats | None
else:
    MaybeMeta = Annotated[Meta | Any, _FIRST_THAT_FITS]
    MaybeStats = Annotated[Stats | Any, _FIRST_THAT_FITS]


class RecordWarning(_Model):
    """Something that was wrong with the file and was worked around."""

    code: str
    message: str


class RawText(_Model):
    """One text as it stands in the file."""

    source: str
    """The place, as in `Extraction.sources`."""
    text: str


class ContentCredentials(_Model):
    """What a C2PA manifest says. The signature is not verified."""

    claim_generator: Maybe[str] = None
    software_agents: Maybe[list[str]] = None
    digital_source_types: Maybe[list[str]] = None
    verified: bool = False


class ModelFill(_Model):
    """What a library of models added to one part of the record."""

    at: str
    """``Model``, or ``resources[0]`` and so on."""
    by: str
    """What joined them: ``version``, a kind of hash (``sha256``, ``tensors``, ...), or ``name``."""
    file: Maybe[str] = None
    """Name of the model's file; absent where an imported answer of Civitai was all there is."""
    filled: dict[str, Any]
    """Key of the schema -> value that the file does not have itself."""
    replaced: Maybe[dict[str, Any]] = None
    """Hashes of mere file names, which the resource had in place of real ones."""


class Stamp(_Model):
    """What a record depends on; a sidecar whose stamp still agrees is up to date."""

    size: int
    """Bytes of the file."""
    mtime_ns: Maybe[int] = None
    etag: Maybe[str] = None
    """What a store tells the versions of a remote file by; of a member of an archive, what tells its archive's."""
    extractor: str
    """Version of this library."""
    hash_revision: Maybe[int] = None
    """Of the image hash; goes up when the way it is made changes. Absent where there is none."""
    options: dict[str, Any]
    """The options of `extract` that change the record."""
    foreign: Maybe[list[tuple[str, int, int]]] = None
    """(name, size, mtimeNs) of each file of another tool beside the image that was read."""
    models: Maybe[str] = None
    """Revision of the library of models that completed the record."""


class Extraction(_Model):
    """How the record was found."""

    generator: Maybe[str] = None
    """``a1111``, ``forge``, ``comfyui``, ...; absent when nothing says what made the picture."""
    version: Maybe[str] = None
    """The generator's own version, where the file has it."""
    ai_generated: Maybe[bool] = None
    """True where content credentials, IPTC, China's label or a maker's own tags say that AI made the picture."""
    sources: Maybe[list[str]] = None
    """Places the generation data came from, best first: ``png:tEXt:parameters``."""
    sha256: Maybe[str] = None
    file_size: Maybe[int] = None
    mime_type: Maybe[str] = None
    content_credentials: Maybe[ContentCredentials] = None
    warnings: Maybe[list[RecordWarning]] = None
    models: Maybe[list[ModelFill]] = None
    """What a library of models added."""
    raw: Maybe[list[RawText]] = None
    """Every text of the file, when asked for."""
    stamp: Maybe[Stamp] = None


class ImageRecord(_Model):
    """One image in the Civitai image schema."""

    id: Integer = None
    url: Text = None
    hash: Text = None
    """BlurHash, 4 x 4 components."""
    width: Integer = None
    """Displayed pixels; 0 when no header tells."""
    height: Integer = None
    nsfw_level: Level = None
    nsfw: Flag = None
    created_at: Text = None
    post_id: Integer = None
    username: Text = None
    stats: MaybeStats = None
    meta: MaybeMeta = None
    extraction: Maybe[Extraction] = None

    def to_civitai(self) -> dict[str, Any]:
        """The plain object of the schema: what was set (null too), under the schema's names, without `extraction`."""
        dumped = self.model_dump(exclude={"extraction"})
        _give_back_nulls(self, dumped)
        dumped.pop("extraction", None)
        return dumped

    def to_json(self, *, indent: int | None = None) -> str:
        """The record as JSON, as it stands in a sidecar: what is absent is left out; `model_validate_json` reads it."""
        return self.model_dump_json(indent=indent)

    def flat(self) -> dict[str, Any]:
        """The record as one flat row of a data frame, with the columns of CSV.

        Values are text, numbers, booleans or None; lists and objects are JSON. The columns ``path``, ``errorType`` and
        ``errorMessage``, which a record does not know, are None: `extractor.scan_rows` fills them.
        """
        # The columns are told behind all stages; this is the one call that goes there from here.
        flat: dict[str, Any] = import_module("extractor.rows.rows").flat_record(self)
        return flat


def _give_back_nulls(model: object, dumped: Any) -> None:
    """Put what was given as null into a dump, which leaves out what is absent."""
    if isinstance(model, _Model):
        fields, others = model.__pydantic_fields__, model.__pydantic_extra__ or {}
        for name in model.__pydantic_fields_set__:
            if name in fields:
                key, value = fields[name].alias or name, getattr(model, name)
                if key in dumped:
                    _give_back_nulls(value, dumped[key])
                elif value is None and name not in others:  # a key of this name counts as the field being set
                    dumped[key] = None
    elif isinstance(model, list) and isinstance(dumped, list):
        for item, plain in zip(model, dumped, strict=True):
            _give_back_nulls(item, plain)
