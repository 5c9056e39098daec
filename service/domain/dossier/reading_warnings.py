"""What was mended or doubted while a file was read: told with the row, never a reason to refuse."""

from collections.abc import Mapping

from service.domain.dossier.data_warnings import DataWarning

_ALL = (
    DataWarning("procedure_code_padded", "procedure_code",
            "Mã TTHC trong ô số, đã thêm số 0 cho đủ sáu chữ số; hãy để ô là chữ",
            "a procedure code in a number cell was padded to six decimals; store it as text"),
    DataWarning("procedure_code_comma", "procedure_code", "Mã TTHC viết dấu phẩy, đã đổi thành dấu chấm",
            "a comma in a procedure code was read as the dot"),
    DataWarning("procedure_code_short", "procedure_code", "Mã TTHC có vẻ thiếu số 0 ở cuối; kiểm tra lại",
            "a procedure code looks short of zeros; check it"),
    DataWarning("unit_code_padded", "unit_code",
            "Mã đơn vị trong ô số, đã thêm lại số 0 ở đầu theo danh mục; hãy để ô là chữ",
            "a unit code in a number cell got its leading zeros back; store it as text"),
    DataWarning("unit_code_number", "unit_code", "Mã đơn vị trong ô số có thể đã mất số 0 ở đầu; hãy để ô là chữ",
            "a unit code in a number cell may have lost leading zeros; store it as text"),
    DataWarning("repeated_code", "code", "Mã hồ sơ đã có ở dòng trước trong tệp; kiểm tra có phải một hồ sơ không",
            "this code stands in an earlier row of the file too; check that it is the same dossier"),
)  # fmt: skip

READING_WARNINGS: Mapping[str, DataWarning] = {warning.kind: warning for warning in _ALL}
