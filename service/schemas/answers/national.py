"""Answers of the national sync format; their keys are the national portal's."""

from marshmallow import fields

from service.schemas.answers.parts import AnyOf, answer, by_name, each, integer, listed, text
from service.schemas.answers.pushes import UNREAD, CountedRecords

_TEXTS = (
    "MaHoSo", "MaTTHC", "TenTTHC", "MaLinhVuc", "TenLinhVuc", "KenhThucHien", "TrangThaiHoSo", "DonViXuLy",
    "NgayNopHoSo", "NgayTiepNhan", "NgayHenTra", "NgayKetThucXuLy", "NgayTra", "NgayTuChoi",
)  # fmt: skip

HoSoBoSung = answer("HoSoBoSung", 'A request for something, as a pause: times are yyyyMMddHHmmss, local, "" for none.')(
    **each(text, "NgayBoSung", "NgayTiepNhanBoSung", "NgayHenTraTruoc", "NgayHenTraMoi")
)

HoSo = answer("HoSo", "A dossier (hồ sơ).")(**each(text, *_TEXTS), DanhSachHoSoBoSung=listed(HoSoBoSung))

LinhVuc = answer("LinhVuc", "A field (lĩnh vực).")(MALINHVUC=text(), TENLINHVUC=text())
ThuTuc = answer("ThuTuc", "A procedure (thủ tục).")(MATTHC=text(), TENTTHC=text(), LINHVUCTHUCHIEN=listed(LinhVuc))

NationalRejection = answer("NationalRejection", "A dossier that is not stored, and why, by the sender's field names.")(
    index=integer("place in the call, from 0"),
    code=text("MaHoSo", null=True),
    errors=by_name(fields.List(fields.Str()), "messages by field"),
)

NationalSummary = answer("NationalSummary", "What became of a synchronisation.", CountedRecords)(
    rejections=listed(NationalRejection), unknown_fields=UNREAD
)

_CODE = "0 (or the source's own) for success; else 207 a part was refused, 400, 401, 403, 404, 413, 422"

NationalLogin = answer("NationalLogin", "A session, or why there is none.")(
    error_code=integer("0 for success, 401, 403"),
    message=text(),
    session=text("only with error_code 0", optional=True),
    result=listed(text(), "always empty", optional=True),
)

NationalSync = answer("NationalSync", "What became of a synchronisation, or why the call was refused.")(
    error_code=text(_CODE),
    message=text(),
    result=AnyOf(NationalSummary, listed(text(), "a refused call: always empty"), required=True),
)

NationalLookup = answer("NationalLookup", "Dossiers or procedures that were found, or why the call was refused.")(
    error_code=integer(_CODE), message=text(), result=AnyOf(listed(HoSo), listed(ThuTuc), required=True)
)
