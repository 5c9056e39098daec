"""Answers of the national sync format; their keys are the national portal's."""

from marshmallow import fields

from service.schemas.answers.parts import Answer, AnyOf, SchemaClass, by_name, integer, listed, text
from service.schemas.answers.pushes import CountedRecords, unread_fields

_TEXTS = (
    "MaHoSo", "MaTTHC", "TenTTHC", "MaLinhVuc", "TenLinhVuc", "KenhThucHien", "TrangThaiHoSo", "DonViXuLy",
    "NgayNopHoSo", "NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy", "NgayTra", "NgayTuChoi",
)  # fmt: skip


class HoSoBoSung(Answer):
    """A request for something, as a pause: times are yyyyMMddHHmmss in local time, "" for none."""

    NgayBoSung = text()
    NgayTiepNhanBoSung = text()
    NgayHenTraTruoc = text()
    NgayHenTraMoi = text()


HoSo: SchemaClass = Answer.from_dict(
    {**{name: text() for name in _TEXTS}, "DanhSachHoSoBoSung": listed(HoSoBoSung)}, name="HoSo"
)


class LinhVuc(Answer):
    """A field (lĩnh vực)."""

    MALINHVUC = text()
    TENLINHVUC = text()


class ThuTuc(Answer):
    """A procedure (thủ tục)."""

    MATTHC = text()
    TENTTHC = text()
    LINHVUCTHUCHIEN = listed(LinhVuc)


class NationalRejection(Answer):
    """A dossier that is not stored, with what is wrong under the sender's own field names."""

    index = integer("place in the call, from 0")
    code = text("MaHoSo", null=True)
    errors = by_name(fields.List(fields.Str()), "messages by field")


class NationalSummary(CountedRecords):
    """What became of a synchronisation."""

    rejections = listed(NationalRejection)
    unknown_fields = unread_fields()


_CODE = "0 (or the source's own) for success; else 207 a part was refused, 400, 401, 403, 404, 413, 422"


class NationalLogin(Answer):
    """A session, or why there is none."""

    error_code = integer("0 for success, 401, 403")
    message = text()
    session = text("only with error_code 0", optional=True)
    result = listed(text(), "always empty", optional=True)


class NationalSync(Answer):
    """What became of a synchronisation, or why the call was refused."""

    error_code = text(_CODE)
    message = text()
    result = AnyOf(NationalSummary, listed(text(), "a refused call: always empty"), required=True)


class NationalLookup(Answer):
    """Dossiers or procedures that were found, or why the call was refused."""

    error_code = integer(_CODE)
    message = text()
    result = AnyOf(listed(HoSo), listed(ThuTuc), required=True)
