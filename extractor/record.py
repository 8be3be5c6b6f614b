"""The record: pydantic models of the Civitai image schema, plus `Extraction`, which tells how it was found.

Loading is lenient and lossless: a value of an unexpected type stays as it is and unknown keys are kept, so that
records of Civitai's public API go in and come out unchanged. What `extract` writes is strict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, TypeAlias

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

_FIRST_THAT_FITS: Final[Any] = Field(union_mode="left_to_right")

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
    # What does not fit its type stays as it is, so there is nothing to check when a record is loaded.
    Integer = Number = Text = Flag = Level = TextMap = Objects = Values = Object = Any


class _Model(BaseModel):
    """Aliases are the schema's names; unknown keys are kept."""

    model_config = ConfigDict(alias_generator=to_camel, extra="allow", ser_json_inf_nan="null")

    def _forget_namesakes(self) -> None:
        """Unset attributes that count as set because an unknown key has their name (``vae`` beside ``VAE``)."""
        for name in self.__pydantic_extra__ or ():
            if name in self.__pydantic_fields__ and getattr(self, name) is None:
                self.__pydantic_fields_set__.discard(name)


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


class Meta(_Model):
    """The generation data. Keys of the tool that have no field here are kept under their own names."""

    prompt: Text = None
    negative_prompt: Text = None
    seed: Integer = None
    steps: Integer = None
    cfg_scale: Number = None
    sampler: Text = None
    model: Text = Field(None, alias="Model")
    model_hash: Text = Field(None, alias="Model hash")
    resources: Resources = None
    clip_skip: Integer = None
    scheduler: Text = None
    denoise: Number = None
    size: Text = Field(None, alias="Size")
    vae: Text = Field(None, alias="VAE")
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

    claim_generator: str | None = None
    software_agents: list[str] | None = None
    digital_source_types: list[str] | None = None
    verified: bool = False


class ModelFill(_Model):
    """What a library of models added to one part of the record."""

    at: str
    """``Model``, or ``resources[0]`` and so on."""
    by: str
    """What joined them: ``version``, a kind of hash (``sha256``, ``tensors``, ...), or ``name``."""
    file: str | None = None
    """Name of the model's file; absent where an imported answer of Civitai was all there is."""
    filled: dict[str, Any]
    """Key of the schema -> value that the file does not have itself."""
    replaced: dict[str, Any] | None = None
    """Hashes of mere file names, which the resource had in place of real ones."""


class Stamp(_Model):
    """What a record depends on; a sidecar whose stamp still agrees is up to date."""

    size: int
    """Bytes of the file."""
    mtime_ns: int | None = None
    extractor: str
    """Version of this library."""
    hash_revision: int | None = None
    """Of the image hash; goes up when the way it is made changes. Absent where there is none."""
    options: dict[str, Any]
    """The options of `extract` that change the record."""
    foreign: list[tuple[str, int, int]] | None = None
    """(name, size, mtimeNs) of each file of another tool beside the image that was read."""
    models: str | None = None
    """Revision of the library of models that completed the record."""


class Extraction(_Model):
    """How the record was found."""

    generator: str | None = None
    """``a1111``, ``forge``, ``comfyui``, ...; absent when nothing says what made the picture."""
    version: str | None = None
    """The generator's own version, where the file has it."""
    ai_generated: bool | None = None
    """True where content credentials or IPTC say that the picture was made by AI."""
    sources: list[str] | None = None
    """Places the generation data came from, best first: ``png:tEXt:parameters``."""
    sha256: str | None = None
    file_size: int | None = None
    mime_type: str | None = None
    content_credentials: ContentCredentials | None = None
    warnings: list[RecordWarning] | None = None
    models: list[ModelFill] | None = None
    """What a library of models added."""
    raw: list[RawText] | None = None
    """Every text of the file, when asked for."""
    stamp: Stamp | None = None


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
    extraction: Extraction | None = None

    def to_civitai(self) -> dict[str, Any]:
        """The plain object of the schema: what was set, under the schema's names, without `extraction`."""
        resources = self.meta.resources if isinstance(self.meta, Meta) else None
        for part in (self, self.meta, self.stats, *(resources if isinstance(resources, list) else ())):
            if isinstance(part, _Model):
                part._forget_namesakes()
        return self.model_dump(by_alias=True, exclude_unset=True, exclude={"extraction"})
